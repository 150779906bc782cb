/** Training of networks by gradients: the loop, its step, its state and what replicas exchange. */
package dev.ancestral.train;
