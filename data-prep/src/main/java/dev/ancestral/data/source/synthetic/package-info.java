/** Examples drawn from distributions that are known. */
package dev.ancestral.data.source.synthetic;
