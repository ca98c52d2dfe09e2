"""How the models that Fanal ships were made. Nothing of the product imports this."""
