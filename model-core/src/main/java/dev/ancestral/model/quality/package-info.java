/** Signals that people watch while a sampler learns: how its draws differ from data at a glance. */
package dev.ancestral.model.quality;
