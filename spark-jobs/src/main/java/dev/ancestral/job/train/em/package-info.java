/** Training by passes over sufficient statistics. */
package dev.ancestral.job.train.em;
