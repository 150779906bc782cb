/** Where partitions are computed. */
package dev.ancestral.job.train.placement;
