/** The interface of engines that train networks by workers and exchanges of their own. */
package dev.ancestral.job.train.backend;
