/** Held-out log-likelihood as a Spark job. */
package dev.ancestral.job.evaluate;
