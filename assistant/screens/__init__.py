"""Every sentence that a person reads in a reply. Domain values in, cards out; plain English, no blame."""
