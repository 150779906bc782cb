/** Counter-based randomness: every draw is a pure function of its key. */
package dev.ancestral.random;
