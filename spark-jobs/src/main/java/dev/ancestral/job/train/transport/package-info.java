/** How a round reaches the replicas, and how they exchange. */
package dev.ancestral.job.train.transport;
