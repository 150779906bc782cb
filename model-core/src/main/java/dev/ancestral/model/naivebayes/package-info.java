/**
 * Naive Bayes: elements independent given a class that is observed, hidden or absent (Domingos
 * &amp; Pazzani 1997; for the hidden class Lazarsfeld &amp; Henry 1968).
 */
package dev.ancestral.model.naivebayes;
