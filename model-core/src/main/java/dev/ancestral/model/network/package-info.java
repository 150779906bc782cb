/** Networks with parameters: the tensors that they read, and the distributions that they are. */
package dev.ancestral.model.network;
