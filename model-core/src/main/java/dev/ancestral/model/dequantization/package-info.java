/**
 * Between examples as they are stored and the event that a model is a distribution of: uniform
 * dequantization.
 */
package dev.ancestral.model.dequantization;
