/** Arrays of whole numbers of one shape. */
package dev.ancestral.data.source.array;
