/** Reading a prepared dataset for training: which replica uses which example at each step. */
package dev.ancestral.data.loader;
