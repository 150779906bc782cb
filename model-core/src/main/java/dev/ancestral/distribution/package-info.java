/** Distributions over the elements of an example. */
package dev.ancestral.distribution;
