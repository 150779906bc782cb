/**
 * Numbers that are known without any data, by closed forms, enumeration or quadrature of their own,
 * and what the models, estimators and random numbers make of them.
 *
 * <p>An oracle never asks the code that it judges for the expected number. Every term of what it
 * judges is alive: encoders are neither zero nor the prior, probabilities differ, lengths differ,
 * some elements are missing.
 */
package dev.ancestral.oracle;
