/**
 * Distributions of one vector of elements given a discrete state: the class of naive Bayes, the
 * hidden state of a Markov chain.
 */
package dev.ancestral.model.emission;
