from django.urls import path

from assets.register import label_views, options, settings_views, views

app_name = "register"

urlpatterns = [
    path("", views.AssetList.as_view(), name="list"),
    path("new/", views.AssetCreate.as_view(), name="create"),
    path("match-places/", views.match_places, name="match_places"),
    path("labels/assets/", label_views.sheet, {"what": "assets"}, name="labels"),
    path("labels/places/", label_views.sheet, {"what": "places"}, name="place_labels"),
    path("categories/", settings_views.CategoryList.as_view(), name="categories"),
    path("categories/options/", options.category_options, name="category_options"),
    path("categories/<int:pk>/life/", settings_views.CategoryLifeUpdate.as_view(), name="category_life"),
    path("thresholds/new/", settings_views.ThresholdCreate.as_view(), name="threshold"),
    path("keepers/options/", options.keeper_options, name="keeper_options"),
    path("<int:pk>/", views.AssetDetail.as_view(), name="detail"),
    path("<int:pk>/edit/", views.AssetUpdate.as_view(), name="update"),
    path("<int:pk>/move/", views.AssetMove.as_view(), name="move"),
    path("<int:pk>/use-status/", views.AssetUseStatus.as_view(), name="use_status"),
    path("<int:pk>/split/", views.AssetSplit.as_view(), name="split"),
    path("<int:pk>/photo/", views.AssetPhoto.as_view(), name="photo"),
]
