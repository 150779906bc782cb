/** Examples by position: which replica uses which at each step, and the shards that hold them. */
package dev.ancestral.job.train.data;
