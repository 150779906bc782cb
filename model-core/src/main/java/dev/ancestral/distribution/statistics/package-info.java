/**
 * Distributions of one vector of elements given a discrete state (the class of naive Bayes, the
 * hidden state of a Markov chain) that are learned from sufficient statistics, in float64 and
 * without an engine.
 */
package dev.ancestral.distribution.statistics;
