/** Tests of what is shipped: the job jar, the scripts and the local cluster. */
package dev.ancestral.deploy;
