/** Generative adversarial networks: a generator learns from a discriminator that it deceives. */
package dev.ancestral.model.gan;
