/**
 * Two-sample tests: are draws of a model distributed as held-out data are? No density is needed, so
 * they suit every model.
 *
 * <p>All p-values are by random relabelling of the pooled sample: under the hypothesis that both
 * samples have one distribution they are uniform (on multiples of 1/(P + 1), for P relabellings)
 * whatever that distribution is.
 */
package dev.ancestral.likelihood.twosample;
