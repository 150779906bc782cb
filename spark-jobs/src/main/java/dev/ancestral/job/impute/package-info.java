/** Fills the cells of rows that are missing. */
package dev.ancestral.job.impute;
