/** Executors that fall silent. */
package dev.ancestral.job.train.monitor;
