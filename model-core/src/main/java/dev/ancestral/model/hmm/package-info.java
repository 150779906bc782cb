/**
 * Hidden Markov models: exact likelihood by scaled forward and backward recursions, fitted by EM
 * (Baum, Petrie, Soules &amp; Weiss 1970; Rabiner 1989).
 */
package dev.ancestral.model.hmm;
