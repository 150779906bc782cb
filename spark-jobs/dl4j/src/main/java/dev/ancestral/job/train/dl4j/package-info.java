/** Training by DeepLearning4J's own Spark masters, called so that they do what a user expects. */
package dev.ancestral.job.train.dl4j;
