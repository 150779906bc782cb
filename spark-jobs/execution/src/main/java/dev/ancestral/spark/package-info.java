/**
 * What this project needs of Spark beyond its public Java API, and all Scala: another version of
 * Spark changes nothing else.
 */
package dev.ancestral.spark;
