/** Evaluation of any kind: a log-likelihood, or a comparison of samples with examples. */
package dev.ancestral.job.evaluation;
