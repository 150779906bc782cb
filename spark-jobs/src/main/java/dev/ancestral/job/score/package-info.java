/** Scores rows as people have them, and fills the cells that are missing: rows in, rows out. */
package dev.ancestral.job.score;
