/**
 * The engine that writes an objective down once as a SameDiff graph, which DeepLearning4J trains.
 */
package dev.ancestral.tensor.dl4j;
