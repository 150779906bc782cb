/** Adding the replicas' vectors in a fixed order: in memory, over Gloo, over NCCL. */
package dev.ancestral.train.collective;
