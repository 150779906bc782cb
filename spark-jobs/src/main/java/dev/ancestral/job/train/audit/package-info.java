/** The audit of epochs: every example of the split is used once. */
package dev.ancestral.job.train.audit;
