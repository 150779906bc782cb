/** The engine on libtorch, through JavaCPP: eager, with autograd, on the CPU or a CUDA device. */
package dev.ancestral.tensor.torch;
