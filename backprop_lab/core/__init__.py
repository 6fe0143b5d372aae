"""What the suite computes with: activations, losses, networks, the one forward and backward."""
