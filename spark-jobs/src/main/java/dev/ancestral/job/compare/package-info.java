/** Two evaluations compared, and the promotion of a model that is no worse. */
package dev.ancestral.job.compare;
