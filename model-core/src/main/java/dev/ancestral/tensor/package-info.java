/** The operations models are written in, and what executes them. */
package dev.ancestral.tensor;
