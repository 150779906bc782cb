/** What a training is asked for: the keys of the spec, and the configuration of the model. */
package dev.ancestral.job.train.spec;
