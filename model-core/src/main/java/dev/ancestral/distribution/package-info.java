/**
 * Distributions of the elements of an example: {@link dev.ancestral.distribution.Distribution}
 * where a network puts the parameters out, as tensors.
 */
package dev.ancestral.distribution;
