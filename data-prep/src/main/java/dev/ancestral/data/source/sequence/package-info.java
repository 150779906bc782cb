/** Sequences of any length: text, sound, and steps of sets of keys such as chords. */
package dev.ancestral.data.source.sequence;
