/** The variational autoencoder with perceptrons for encoder and decoder. */
package dev.ancestral.model.vae;
