/** The prepare job: from input files to a split of a dataset. */
package dev.ancestral.data.prepare;
