/** Scores rows as people have them: rows in, rows out. */
package dev.ancestral.job.score;
