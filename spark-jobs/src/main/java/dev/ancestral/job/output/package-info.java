/** The directory that a command fills: its lock, its status, the fingerprints of its inputs. */
package dev.ancestral.job.output;
