/** The gated PixelCNN: images pixel by pixel, with an exact likelihood and a cached sampler. */
package dev.ancestral.model.pixelcnn;
