/** Held-out log-likelihoods with their kind and standard error. */
package dev.ancestral.likelihood;
