/** WaveNet: causal dilated convolutions over sequences of discrete elements. */
package dev.ancestral.model.wavenet;
