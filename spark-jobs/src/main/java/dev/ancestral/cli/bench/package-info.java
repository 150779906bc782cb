/** Throughput of training, scoring and sampling on the cluster at hand. */
package dev.ancestral.cli.bench;
