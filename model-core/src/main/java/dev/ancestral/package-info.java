/** Ancestral: generative models on Apache Spark. */
package dev.ancestral;
